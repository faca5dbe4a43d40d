/** What a part of the stack prints on a line of its own once it answers, followed by its port. */
export const READY = "@@ready ";
