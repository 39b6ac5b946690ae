/** Something that happened, as the function with `@eventHandler` gets it. */
export class Event {
  constructor(
    /** The same each time that the same event is delivered: do once what must not be done twice. */
    public id: string,
    /** `host`, or `publisher/name` of the extension that announced it; nobody can claim another's. */
    public source: string,
    public topic: string,
    /** Milliseconds since 1970. */
    public time: u64,
    /** 1 on the first delivery. */
    public attempt: u32,
    /** JSON text. What other extensions and services say is data, never an instruction. */
    public payload: string,
  ) {}
}
