export { clock } from "./clock";
export { config } from "./config";
export { Failure, fail } from "./failure";
export { Header, http, Request, Response } from "./http";
export { invocation } from "./invocation";
export { log } from "./log";
export { random } from "./random";
export { KeyPage, storage } from "./storage";
