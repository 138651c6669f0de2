/**
 * Installs what Larder needs, once, before every npm script and before `bin/larder`. Plain JavaScript for Node 20 and
 * without a dependency, because it runs before there is anything else; Larder itself runs on the Node 24 that npm
 * brings along. Talks on stderr only: stdout belongs to the command that comes after it.
 *
 * What is installed is known by a stamp: a copy of the lock file inside node_modules, named after the platform. npm
 * empties node_modules first, so an install that was cut off leaves no stamp and starts again.
 */
import { spawn, spawnSync } from 'node:child_process';
import {
  accessSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const lockFile = join(root, 'package-lock.json');
const stamp = join(modules, `.larder-${process.platform}-${process.arch}`); // bin/larder knows this name too
const runtime = join(modules, '.bin', 'node');
const lock = join(root, '.larder-installing');

const ATTEMPTS = 3;
const PAUSE_BEFORE_RETRY_MS = 1_000;
const PAUSE_BEFORE_LOOK_MS = 100;
/** Failures that the next attempt would only repeat. */
const HOPELESS = /\b(EUSAGE|ENOSPC|EACCES|EPERM|EROFS|EBADPLATFORM|EBADENGINE|EINTEGRITY|E404)\b/;
const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

class Refusal extends Error {}

function say(text) {
  process.stderr.write(`larder: ${text}\n`);
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function errnoOf(cause) {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
}

function refuseUnfit() {
  if (process.platform !== 'linux') {
    const why = 'its file operations need /proc';
    throw new Refusal(
      `Larder runs on Linux only (${why}), not on ${process.platform}. Use a Linux machine or a container.`,
    );
  }
  if (process.arch !== 'x64' && process.arch !== 'arm64') {
    throw new Refusal(`Larder runs on x64 and arm64, not on ${process.arch}.`);
  }
  if (Number.parseInt(process.versions.node, 10) < 20) {
    throw new Refusal(`Larder needs Node 20 or newer to install itself, this is ${process.version}. Update Node.`);
  }
}

function installed() {
  if (!existsSync(stamp) || !existsSync(runtime)) return false;
  return readFileSync(stamp).equals(readFileSync(lockFile));
}

/** When a process started, in ticks since boot: with its id it names a process for good, ids alone come back. */
function startOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]; // field 22; the second one, the name, may hold blanks
  } catch {
    return undefined; // no such process
  }
}

function nameOf(pid) {
  return `${pid}-${startOf(pid) ?? 'gone'}`;
}

function lives(name) {
  const [pid, start] = name.split('-');
  return startOf(pid) === start;
}

function namesIn(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return []; // given back in this moment
  }
}

/**
 * Takes the lock folder if nobody alive has it. Its files are named after the processes that hold it (this one and its
 * npm). It comes and goes in one piece, by rename, which refuses to replace a folder with something in it. A dead
 * holder's folder is moved to a name made of the holder: of two processes that see the same dead holder, the slower
 * one finds that name taken, and so cannot move away the lock that the faster one has taken meanwhile.
 */
function tryLock() {
  const mine = `${lock}.${process.pid}`;
  rmSync(mine, { recursive: true, force: true });
  mkdirSync(mine);
  writeFileSync(join(mine, nameOf(process.pid)), '');
  try {
    renameSync(mine, lock);
    return true;
  } catch {
    rmSync(mine, { recursive: true, force: true }); // somebody has it, dead or alive
  }
  const holders = namesIn(lock);
  if (holders.length === 0 || holders.some(lives)) return false;
  try {
    renameSync(lock, `${lock}.dead-${holders.sort().join('_')}`);
  } catch {
    return false; // another process was faster
  }
  return false;
}

function unlock() {
  const mine = `${lock}.${process.pid}`;
  renameSync(lock, mine);
  rmSync(mine, { recursive: true, force: true });
  for (const name of namesIn(root)) {
    if (name.startsWith('.larder-installing.dead-')) rmSync(join(root, name), { recursive: true, force: true });
  }
}

/** Resolves true with the lock, or false when another process has installed everything meanwhile. */
async function lockOrInstalled() {
  let waiting = false;
  for (;;) {
    if (tryLock()) return true;
    if (!waiting && namesIn(lock).some(lives)) {
      say('another command is installing, waiting for it …');
      waiting = true;
    }
    await pause(PAUSE_BEFORE_LOOK_MS);
    if (!namesIn(lock).some(lives) && installed()) return false;
  }
}

/** The user's npm and the Node it belongs to, not the ones below the folder that is about to be emptied. */
function environment() {
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.startsWith(modules));
  return { ...process.env, PATH: path.join(delimiter) };
}

/** Runs `npm ci` once; resolves with its exit code, the signal that ended it (or null) and what it complained about. */
function runNpm() {
  // Dev and optional dependencies whatever NODE_ENV or the user's configuration say: the runtime is an optional one,
  // and `npm test` needs the others. No package that Larder uses has an install script to run.
  const words = ['ci', '--include=dev', '--include=optional', '--ignore-scripts', '--no-audit', '--no-fund'];
  const child = spawn('npm', [...words, '--no-engine-strict', '--no-update-notifier', '--loglevel=error'], {
    cwd: root,
    env: environment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.pid !== undefined) writeFileSync(join(lock, nameOf(child.pid)), '');
  let complaint = '';
  child.stdout.pipe(process.stderr, { end: false });
  child.stderr.on('data', (chunk) => {
    complaint += chunk;
    process.stderr.write(chunk);
  });
  let interruption = null; // npm catches its signals and ends with a code, so its signal alone does not tell
  const forward = (signal) => {
    interruption = signal;
    child.kill(signal);
  };
  for (const signal of SIGNALS) process.on(signal, forward);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      for (const each of SIGNALS) process.off(each, forward);
      resolve({ code, signal: interruption ?? signal, complaint });
    });
  });
}

function refusalFor(failure) {
  if (errnoOf(failure) === 'ENOENT')
    return new Refusal('npm is not on PATH. Install npm (it comes with Node) and try again.');
  return failure;
}

async function install() {
  say('installing dependencies, once …');
  const begun = performance.now();
  for (let attempt = 1; ; attempt += 1) {
    const { code, signal, complaint } = await runNpm().catch((failure) => {
      throw refusalFor(failure);
    });
    if (signal !== null) throw new Refusal(`npm was ended by ${signal}; the next command installs again.`);
    if (code === 0) break;
    if (attempt === ATTEMPTS || HOPELESS.test(complaint)) {
      throw new Refusal(`npm ci failed (exit code ${code}), its message is above. When that is mended, try again.`);
    }
    say(`npm ci failed (exit code ${code}), trying again (${attempt + 1} of ${ATTEMPTS}) …`);
    await pause(PAUSE_BEFORE_RETRY_MS * attempt);
  }
  proveRuntime();
  copyFileSync(lockFile, stamp);
  say(`installed in ${Math.round((performance.now() - begun) / 1000)} s`);
}

function proveRuntime() {
  if (!existsSync(runtime)) {
    throw new Refusal(`npm left out node-linux-${process.arch}. Remove "omit=optional" from your npm configuration.`);
  }
  const { status, stderr, error } = spawnSync(runtime, ['--version'], { encoding: 'utf8' });
  if (status === 0) return;
  const why = (error?.message ?? stderr).trim().split('\n')[0];
  throw new Refusal(
    `Node 24 from npm does not run here: ${why}. It needs a Linux with glibc 2.28 or newer (not musl).`,
  );
}

async function bootstrap() {
  refuseUnfit();
  if (installed()) return;
  try {
    accessSync(root, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new Refusal(`cannot install into ${root} (${errnoOf(cause)}). Run this once as the owner of that folder.`);
  }
  if (!(await lockOrInstalled())) return;
  try {
    if (!installed()) await install();
  } finally {
    unlock();
  }
}

/**
 * `bootstrap.js console`: the console is built as well, when its sources are newer than what stands there. Larder runs
 * without it, and shows its plain page then: what went wrong is said and is no reason to stop.
 */
function buildConsole() {
  const program = join(root, 'console', 'build.ts');
  if (!existsSync(program)) return; // a copy of a part of the tree
  const { error } = spawnSync(runtime, ['--disable-warning=ExperimentalWarning', program], {
    stdio: ['ignore', 2, 2],
  });
  if (error) say(`the console was not built: ${error.message}`);
}

try {
  await bootstrap();
  if (process.argv[2] === 'console') buildConsole();
} catch (failure) {
  if (failure instanceof Refusal) say(failure.message);
  else say(`could not install: ${failure instanceof Error ? failure.stack : failure}`);
  process.exitCode = 2;
}
