/** The package's own declarations ask for the library of browsers, whose names shadow Node's; this is what the tests use of it. */
export function parse(file: string, text: string): Promise<Readonly<Record<string, unknown>>>;
