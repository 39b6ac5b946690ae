import { expectSuite } from './expect-suite.ts'
import { readSuiteFolder, suiteFolders } from './read-suite.ts'

expectSuite(suiteFolders().length === 0 ? undefined : readSuiteFolder)
