/** The oracle is ssh-keygen itself, both ways. */
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { createKeyFile, fileSigner } from './key-file.ts';
import { keySigner } from './key-signer.ts';
import { LedgerError } from './registry.ts';
import { fingerprint, publicKeyText, readPublicKeyLine, sshBlob } from './ssh-public-key.ts';
import { armoredSignature, claimedKey, signedBytes, verifySignature } from './ssh-signature.ts';
import { wireNatural, wireString, wireUint32 } from './ssh-wire.ts';

const NAMESPACE = 'larder-ledger';
const message = '{"seq":1,"title":"größer als €"}';
const keygen = spawnSync('ssh-keygen', ['-?']).error === undefined;
const noKeygen = keygen ? false : 'ssh-keygen is not installed';

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'larder-ssh-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

function keyPair(): { readonly key: KeyObject; readonly publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { key: privateKey, publicKey: publicKeyText(sshBlob(publicKey) ?? Buffer.alloc(0)) };
}

/** What `ssh-keygen -Y verify` says of a signature by `who`; undefined: it is good. */
function keygenSays(folder: string, publicKey: string, signature: string): string | undefined {
  writeFileSync(join(folder, 'allowed'), `ana namespaces="${NAMESPACE}" ${publicKey}\n`);
  writeFileSync(join(folder, 'signature'), signature);
  const args = ['-Y', 'verify', '-f', join(folder, 'allowed'), '-I', 'ana', '-n', NAMESPACE];
  const { status, stdout, stderr } = spawnSync('ssh-keygen', [...args, '-s', join(folder, 'signature')], {
    input: message,
  });
  return status === 0 ? undefined : `${stdout}${stderr}`;
}

const kinds: readonly (readonly string[])[] = [
  ['ed25519'],
  ['ecdsa', '-b', '256'],
  ['ecdsa', '-b', '384'],
  ['ecdsa', '-b', '521'],
  ['rsa', '-b', '2048'],
];
for (const [type = '', ...size] of kinds) {
  for (const form of ['RFC4716', 'PEM']) {
    if (type === 'ed25519' && form === 'PEM') continue; // ssh-keygen has no such form
    const name = `${type} ${size.join(' ')} in the form ${form}`;
    test(`${name}: ssh-keygen takes our signature, and we take that of ssh-keygen`, { skip: noKeygen }, async (t) => {
      const folder = folderFor(t);
      const path = join(folder, 'key');
      execFileSync('ssh-keygen', ['-q', '-t', type, ...size, '-m', form, '-N', '', '-C', 'ana', '-f', path]);
      const signer = await fileSigner(path, {});
      assert.equal(`${signer.publicKey} ana\n`, readFileSync(`${path}.pub`, 'utf8'));
      for (let round = 0; round < 8; round += 1) {
        const ours = await signer.sign(message, NAMESPACE); // of some, numbers are shorter than others
        assert.deepEqual(await verifySignature({ message, namespace: NAMESPACE, signature: ours }), {
          kind: 'valid',
          publicKey: signer.publicKey,
        });
        if (round < 2) assert.equal(keygenSays(folder, signer.publicKey, ours), undefined);
      }
      for (const hash of ['sha256', 'sha512']) {
        const theirs = execFileSync(
          'ssh-keygen',
          ['-q', '-Y', 'sign', '-f', path, '-n', NAMESPACE, '-O', `hashalg=${hash}`],
          {
            input: message,
          },
        ).toString();
        const check = await verifySignature({ message, namespace: NAMESPACE, signature: theirs });
        assert.deepEqual(check, { kind: 'valid', publicKey: signer.publicKey });
        assert.equal(claimedKey(theirs), signer.publicKey);
      }
    });
  }
}

test('a key that this program made is one for ssh-keygen', { skip: noKeygen }, async (t) => {
  const folder = folderFor(t);
  const path = join(folder, 'deep', 'key');
  const signer = await createKeyFile(path, 'larder@host');
  assert.equal(execFileSync('ssh-keygen', ['-y', '-f', path]).toString(), `${signer.publicKey} larder@host\n`);
  assert.match(
    execFileSync('ssh-keygen', ['-l', '-f', path]).toString(),
    new RegExp(fingerprint(signer.publicKey).replaceAll(/[+/]/g, '\\$&')),
  );
  assert.equal((await fileSigner(path, {})).publicKey, signer.publicKey);
  assert.equal((await fileSigner(`${path}.pub`, {})).publicKey, signer.publicKey);
  await assert.rejects(createKeyFile(path, 'again'), /EEXIST/);
  assert.equal((await fileSigner(path, {})).publicKey, signer.publicKey);
});

test('a key that others can read, one that is none, and one that is not there are refused by name', async (t) => {
  const folder = folderFor(t);
  const path = join(folder, 'key');
  await createKeyFile(path, 'ana');
  chmodSync(path, 0o640);
  await assert.rejects(fileSigner(path, {}), { code: 'LARDER_LEDGER_KEY_UNUSABLE', message: /mode 0640.*chmod 600/ });
  chmodSync(path, 0o600);
  const text = readFileSync(path, 'utf8');
  for (const [what, wrong] of [
    ['cut', text.slice(0, 200)],
    ['a certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
    ['other letters', text.replace('b3BlbnNzaC1rZXk', 'b3BlbnNzaC1rZXj')],
    ['PEM of nothing', '-----BEGIN PRIVATE KEY-----\nsecretsecret\n-----END PRIVATE KEY-----\n'],
  ] as const) {
    writeFileSync(path, wrong);
    await assert.rejects(fileSigner(path, {}), (failure) => {
      assert.ok(failure instanceof LedgerError && failure.code === 'LARDER_LEDGER_KEY_UNUSABLE', what);
      return failure.message.includes(path) && !failure.message.includes('secretsecret');
    });
  }
  await assert.rejects(fileSigner(join(folder, 'gone'), {}), /cannot be read: ENOENT/);
});

test('a key with a passphrase signs by the agent, or says what to do', { skip: noKeygen }, async (t) => {
  const folder = folderFor(t);
  const path = join(folder, 'key');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'correct horse', '-f', path]);
  const env = await agentFor(t, join(folder, 'agent'));
  const asked = join(folder, 'askpass');
  writeFileSync(asked, '#!/bin/sh\necho correct horse\n', { mode: 0o700 });
  const asking = { ...env, PATH: process.env['PATH'], SSH_ASKPASS: asked, SSH_ASKPASS_REQUIRE: 'force' };

  const byKeygen = await fileSigner(path, { ...asking, SSH_AUTH_SOCK: undefined });
  const first = await byKeygen.sign(message, NAMESPACE);
  assert.equal((await verifySignature({ message, namespace: NAMESPACE, signature: first })).kind, 'valid');

  const wrong = await fileSigner(path, {
    PATH: process.env['PATH'],
    SSH_ASKPASS: '/bin/false',
    SSH_ASKPASS_REQUIRE: 'force',
  });
  await assert.rejects(wrong.sign(message, NAMESPACE), {
    code: 'LARDER_LEDGER_KEY_UNUSABLE',
    message: /ssh-keygen could not sign with it; load it with ssh-add/,
  });
  await assert.rejects((await fileSigner(path, { PATH: folder })).sign(message, NAMESPACE), /ssh-keygen cannot be run/);

  execFileSync('ssh-add', ['-q', path], { env: asking, stdio: ['ignore', 'ignore', 'inherit'] });
  for (const file of [path, `${path}.pub`]) {
    const byAgent = await fileSigner(file, env);
    const second = await byAgent.sign(message, NAMESPACE);
    assert.deepEqual(await verifySignature({ message, namespace: NAMESPACE, signature: second }), {
      kind: 'valid',
      publicKey: byKeygen.publicKey,
    });
  }
  rmSync(path);
  await assert.rejects(fileSigner(`${path}.pub`, {}), /neither a private one beside it nor the ssh agent/);
});

/** A real agent, ended with the test. */
async function agentFor(t: TestContext, socket: string): Promise<{ readonly SSH_AUTH_SOCK: string }> {
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => agent.kill());
  await new Promise((resolve) => agent.stdout.once('data', resolve)); // it tells the socket when it listens
  return { SSH_AUTH_SOCK: socket };
}

test('a token: its flags and its counter are signed, and nobody touching it is told', async () => {
  const application = 'ssh:';
  const { privateKey } = generateKeyPairSync('ed25519');
  const x = Buffer.from(privateKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  const type = 'sk-ssh-ed25519@openssh.com';
  const blob = Buffer.concat([wireString(type), wireString(x), wireString(application)]);
  const signature = (flags: number, told = flags): string => {
    const made = sign(null, tokenData(application, told, 7), privateKey);
    return armoredSignature(
      blob,
      NAMESPACE,
      Buffer.concat([wireString(type), wireString(made), Buffer.of(flags), wireUint32(7)]),
    );
  };
  const check = (text: string) => verifySignature({ message, namespace: NAMESPACE, signature: text });
  assert.deepEqual(await check(signature(1)), { kind: 'valid', publicKey: publicKeyText(blob) });
  assert.match(JSON.stringify(await check(signature(5, 1))), /does not fit/);
  assert.match(JSON.stringify(await check(signature(0))), /nobody touched/);
});

test('a token with ECDSA', async () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = privateKey.export({ format: 'jwk' });
  const point = Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  const type = 'sk-ecdsa-sha2-nistp256@openssh.com';
  const blob = Buffer.concat([wireString(type), wireString('nistp256'), wireString(point), wireString('ssh:')]);
  const both = sign('sha256', tokenData('ssh:', 1, 9), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  const numbers = Buffer.concat([wireNatural(both.subarray(0, 32)), wireNatural(both.subarray(32))]);
  const body = Buffer.concat([wireString(type), wireString(numbers), Buffer.of(1), wireUint32(9)]);
  const signature = armoredSignature(blob, NAMESPACE, body);
  assert.deepEqual(await verifySignature({ message, namespace: NAMESPACE, signature }), {
    kind: 'valid',
    publicKey: publicKeyText(blob),
  });
});

/** PROTOCOL.u2f: what a token signs. */
function tokenData(application: string, flags: number, counter: number): Buffer {
  const sha256 = (bytes: string | Buffer): Buffer => createHash('sha256').update(bytes).digest();
  const signed = signedBytes(message, NAMESPACE);
  return Buffer.concat([sha256(application), Buffer.of(flags), wireUint32(counter), sha256(signed)]);
}

test('another text, another purpose, another key, an RSA key that is too short: each with its reason', async () => {
  const { key, publicKey } = keyPair();
  const signature = await keySigner(key, publicKey).sign(message, NAMESPACE);
  const why = async (input: { message?: string; namespace?: string; signature?: string }): Promise<string> => {
    const check = await verifySignature({ message, namespace: NAMESPACE, signature, ...input });
    return check.kind === 'invalid' ? check.why : 'valid';
  };
  assert.equal(await why({}), 'valid');
  assert.match(await why({ message: `${message} ` }), /text or signature were changed/);
  assert.match(await why({ namespace: 'git' }), /is for "larder-ledger", not for git/);
  const other = keyPair();
  const blob = Buffer.from(other.publicKey.split(' ')[1] ?? '', 'base64');
  const made = Buffer.concat([wireString('ssh-ed25519'), wireString(sign(null, signedBytes(message, NAMESPACE), key))]);
  assert.match(await why({ signature: armoredSignature(blob, NAMESPACE, made) }), /text or signature were changed/);
  assert.match(await why({ signature: signature.replaceAll('\n', '\r\n') }), /armored/);
  assert.match(await why({ signature: `${signature}\n` }), /armored/);
  assert.match(await why({ signature: '' }), /armored/);
  const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const short = publicKeyText(sshBlob(rsa.publicKey) ?? Buffer.alloc(0));
  assert.match(
    await why({ signature: await keySigner(rsa.privateKey, short).sign(message, NAMESPACE) }),
    /uses RSA with 1024 bits, too few/,
  );
});

test('every single character of a signature counts, and nothing that stands there makes it throw', async () => {
  const { key, publicKey } = keyPair();
  const signature = await keySigner(key, publicKey).sign(message, NAMESPACE);
  let tried = 0;
  for (let at = 0; at < signature.length; at += 1) {
    for (const other of ['A', 'B', '/', '\n', '=', '\u0000', '€', '']) {
      const changed = signature.slice(0, at) + other + signature.slice(at + 1);
      if (changed === signature) continue;
      const check = await verifySignature({ message, namespace: NAMESPACE, signature: changed });
      assert.equal(check.kind, 'invalid', `${other} at ${at}`);
      tried += 1;
    }
  }
  assert.ok(tried > 2000, `only ${tried}`);
});

test('bytes of any kind in the armor are a reason, not an exception', async () => {
  const { key, publicKey } = keyPair();
  const blob = Buffer.from(publicKey.split(' ')[1] ?? '', 'base64');
  const made = sign(null, signedBytes(message, NAMESPACE), key);
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 80 }),
    fc.constantFrom<Uint8Array>(blob, wireString('ssh-rsa'), wireString('ssh-ed25519'), made, wireUint32(0xffffffff)),
  );
  const pieces = fc.array(piece, { maxLength: 5 }).map((parts) => Buffer.concat(parts));
  await fc.assert(
    fc.asyncProperty(pieces, pieces, async (anyKey, anySignature) => {
      const signature = armoredSignature(anyKey, NAMESPACE, anySignature);
      const check = await verifySignature({ message, namespace: NAMESPACE, signature });
      assert.equal(check.kind, 'invalid');
    }),
    { numRuns: 2000 },
  );
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 300 }), async (text) => {
      assert.equal((await verifySignature({ message, namespace: NAMESPACE, signature: text })).kind, 'invalid');
      assert.equal(claimedKey(text), undefined);
      assert.equal(readPublicKeyLine(text).kind, 'invalid');
    }),
    { numRuns: 2000 },
  );
});

test('a line of a public key: what it says and what it holds must be the same', () => {
  const { publicKey } = keyPair();
  assert.deepEqual(readPublicKeyLine(`${publicKey} ana@host with spaces\n`), {
    kind: 'key',
    text: publicKey,
    comment: 'ana@host with spaces',
  });
  assert.match(JSON.stringify(readPublicKeyLine(publicKey.replace('ssh-ed25519', 'ssh-rsa'))), /holds a key of type/);
  assert.match(JSON.stringify(readPublicKeyLine('ssh-ed25519')), /type base64/);
  const { publicKey: rsa } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const short = publicKeyText(sshBlob(rsa) ?? Buffer.alloc(0));
  assert.match(JSON.stringify(readPublicKeyLine(short)), /uses RSA with 1024 bits/);
  assert.match(JSON.stringify(readPublicKeyLine('ssh-dss AAAAB3NzaC1kc3M=')), /ssh-dss, which is not supported/);
});

test('an exported key of another kind has no name in ssh', () => {
  const { privateKey } = generateKeyPairSync('ed448');
  assert.equal(sshBlob(createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' }))), undefined);
});
