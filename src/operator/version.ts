import manifest from '../../package.json' with { type: 'json' };

/** Larder's version, from package.json. */
export const version: string = manifest.version;
