export * from './assembly/index'
