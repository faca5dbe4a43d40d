// This function imports nothing, so what its worker takes is the cost of the emulation and of no function.
export default { fetch: (): Response => new Response() };
