export { clock } from "./clock";
export { config } from "./config";
export { Event } from "./event";
export { Failure, fail, failWith } from "./failure";
export { Header, http, Request, Response } from "./http";
export { invocation } from "./invocation";
export { log } from "./log";
export { random } from "./random";
export { KeyPage, StoredValue, storage } from "./storage";
