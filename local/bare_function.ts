// Imports nothing: what a worker takes for it is the price of the emulation, not of a function.
export default { fetch: (): Response => new Response() };
