/** A part of the stack prints this line, followed by its port, once it answers. */
export const READY = "@@ready ";
