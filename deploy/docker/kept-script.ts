// An `import` of one of Node's modules asks for all its names, and loads what stands behind the rarest of them.
const { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } = process.getBuiltinModule('node:fs');
const { dirname } = process.getBuiltinModule('node:path');

export interface KeptScript {
  /** Runs it, and returns what it exports. */
  run(): unknown;
  /** Keeps what is compiled of it by now, for the next process; does nothing where that was done before, or cannot be. */
  keep(): void;
}

const HASH_BYTES = 32;

/**
 * A script that is a function of CommonJS, `(function (module, require, __filename) {…})`, with what an earlier process
 * compiled of it. Node keeps compiled code of modules, too, but only what is compiled when they are loaded; their functions
 * are compiled anew by every process that calls them.
 *
 * `kept` is a file whose name stands for this very script and this version of Node. V8 itself refuses what another version of
 * it, or other flags, have made; it does not notice what a disk has spoilt, so a hash stands before it.
 *
 * The script is ASCII, as the bundle's builder has it, so that a character is a byte and none is decoded.
 */
export function keptScript(path: string, kept: string | undefined): KeptScript {
  const compiled = kept === undefined ? undefined : compiledIn(kept);
  const { constants, Script } = process.getBuiltinModule('node:vm');
  const script = new Script(readFileSync(path, 'latin1'), {
    filename: path,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    ...(compiled === undefined ? {} : { cachedData: compiled }),
  });
  return {
    run() {
      const module = { exports: {} };
      script.runInThisContext()(module, requireFrom(path), path);
      return module.exports;
    },
    keep() {
      if (kept === undefined || (compiled !== undefined && script.cachedDataRejected === false)) return;
      keepIn(kept, script.createCachedData());
    },
  };
}

/** Nearly all that a bundled script asks for is Node's own, which needs no place to be looked for from. */
function requireFrom(path: string): (name: string) => unknown {
  return (name) => process.getBuiltinModule(name) ?? process.getBuiltinModule('node:module').createRequire(path)(name);
}

function compiledIn(kept: string): Buffer | undefined {
  try {
    const bytes = readFileSync(kept);
    const compiled = bytes.subarray(HASH_BYTES);
    return hashOf(compiled).equals(bytes.subarray(0, HASH_BYTES)) ? compiled : undefined;
  } catch {
    return undefined; // none was kept: it is compiled while it runs
  }
}

/** In one piece, because other processes may read it meanwhile. */
function keepIn(kept: string, compiled: Buffer): void {
  const part = `${kept}.${process.pid}`;
  try {
    mkdirSync(dirname(kept), { recursive: true });
    writeFileSync(part, Buffer.concat([hashOf(compiled), compiled]), { mode: 0o600 });
    renameSync(part, kept);
  } catch {
    rmSync(part, { force: true }); // a full or a read-only disk: the next start is as slow as this one
  }
}

function hashOf(bytes: Buffer): Buffer {
  return process.getBuiltinModule('node:crypto').createHash('sha256').update(bytes).digest();
}
