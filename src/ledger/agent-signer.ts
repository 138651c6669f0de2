/** Keys of the ssh agent: it signs, and never gives a key away (draft-miller-ssh-agent). */
import { createConnection } from 'node:net';
import { messageOf } from '../kube/error.ts';
import { LedgerError } from './registry.ts';
import type { Signer } from './signer.ts';
import { publicKeyText, readPublicKeyLine } from './ssh-public-key.ts';
import { armoredSignature, signedBytes } from './ssh-signature.ts';
import { SshWireError, SshWireReader, wireString, wireUint32 } from './ssh-wire.ts';

type Env = Readonly<Record<string, string | undefined>>;

const message = { identities: 11, identitiesAnswer: 12, sign: 13, signAnswer: 14 } as const;
/** RSA only: with SHA-512. Others ignore it. */
const RSA_SHA2_512 = 4;
/** OpenSSH's agent says no more. */
const LARGEST_ANSWER_BYTES = 256 * 1024;

export interface AgentKey {
  readonly publicKey: string;
  readonly comment: string;
}

/** The keys that the agent of SSH_AUTH_SOCK holds and whose signatures can be checked here; undefined where none answers. */
export async function agentKeys(env: Env, signal?: AbortSignal): Promise<readonly AgentKey[] | undefined> {
  const socket = env['SSH_AUTH_SOCK'];
  if (!socket) return undefined;
  try {
    const reader = await ask({ socket, type: message.identities, expected: message.identitiesAnswer, signal });
    const keys: AgentKey[] = [];
    for (let left = reader.uint32(); left > 0; left -= 1) {
      const publicKey = publicKeyText(reader.string());
      const comment = reader.string().toString();
      // Certificates stand among the keys, and so do types that nobody here can check.
      if (readPublicKeyLine(publicKey).kind === 'key') keys.push({ publicKey, comment });
    }
    return keys;
  } catch {
    return undefined; // a socket of an agent that is gone is what a session leaves behind
  }
}

/** Undefined where the agent does not hold the key, or there is no agent. */
export async function agentSigner(publicKey: string, env: Env): Promise<Signer | undefined> {
  const socket = env['SSH_AUTH_SOCK'];
  const held = (await agentKeys(env))?.some((each) => each.publicKey === publicKey);
  if (!socket || !held) return undefined;
  const blob = Buffer.from(publicKey.split(' ')[1] ?? '', 'base64');
  return {
    publicKey,
    async sign(text, namespace, signal) {
      const data = signedBytes(text, namespace);
      const body = Buffer.concat([wireString(blob), wireString(data), wireUint32(RSA_SHA2_512)]);
      try {
        const reader = await ask({ socket, type: message.sign, body, expected: message.signAnswer, signal });
        return armoredSignature(blob, namespace, reader.string());
      } catch (cause) {
        const why = messageOf(cause);
        throw new LedgerError('LARDER_LEDGER_KEY_UNUSABLE', `The ssh agent did not sign with ${publicKey}: ${why}.`, {
          cause,
        });
      }
    },
  };
}

interface Question {
  readonly socket: string;
  readonly type: number;
  readonly body?: Buffer;
  readonly expected: number;
  readonly signal: AbortSignal | undefined;
}

/** One question on a connection of its own; the answer without its type. A person may have to confirm: there is no deadline. */
async function ask({ socket, type, body, expected, signal }: Question): Promise<SshWireReader> {
  const answer = new SshWireReader(
    await exchange(socket, wireString(Buffer.concat([Buffer.of(type), body ?? Buffer.alloc(0)])), signal),
  );
  if (answer.byte() !== expected) throw new SshWireError('the agent refused');
  return answer;
}

function exchange(path: string, question: Buffer, signal: AbortSignal | undefined): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const connection = createConnection({ path, ...(signal && { signal }) });
    connection.on('error', reject);
    connection.on('close', () => reject(new SshWireError('the agent ended the connection')));
    connection.on('data', (part) => {
      received = Buffer.concat([received, part]);
      const whole = received.length < 4 ? Number.POSITIVE_INFINITY : 4 + received.readUInt32BE();
      if (received.length > LARGEST_ANSWER_BYTES) connection.destroy(new SshWireError('the agent says too much'));
      if (received.length < whole) return;
      resolve(received.subarray(4, whole));
      connection.end();
    });
    connection.write(question);
  });
}
