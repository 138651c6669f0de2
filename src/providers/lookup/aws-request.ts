/** Questions to AWS in the Query protocol: a form, a signature (Signature Version 4), an answer in XML. */
import { XMLParser } from 'fast-xml-parser';
import { z } from 'zod';
import { LookupError } from '../registry.ts';
import { type Answer, ask, beginning, excerpt, type World } from './question.ts';
import { type AwsCredentials, signature } from './signature.ts';

export interface AwsQuestion {
  readonly endpoint: string;
  readonly region: string;
  readonly service: 'ec2' | 'sts';
  readonly action: string;
  readonly version: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** Undefined: the action is not signed. */
  readonly credentials: AwsCredentials | undefined;
}

const FORM = 'application/x-www-form-urlencoded; charset=utf-8';

/** The parsed XML below the root element. @throws LookupError */
export async function askAws(world: World, question: AwsQuestion, signal?: AbortSignal): Promise<unknown> {
  const { endpoint, service, action } = question;
  const what = `${service.toUpperCase()} ${action}`;
  const body = new URLSearchParams({ Action: action, Version: question.version, ...question.parameters }).toString();
  const headers = await signed(question, body, world.clock.now());
  const answer = await ask(world, { url: `${endpoint}/`, method: 'POST', headers, body, what }, signal);
  if (answer.status !== 200) throw awsFailure(answer, { what, service, action });
  return Object.values(parseXml(answer.text, what))[0];
}

function signed(question: AwsQuestion, body: string, now: number): Promise<Readonly<Record<string, string>>> {
  const { credentials, endpoint, region, service } = question;
  const headers = { 'content-type': FORM };
  if (!credentials) return Promise.resolve(headers);
  return signature({ method: 'POST', url: `${endpoint}/`, headers, body, region, service, now }, credentials);
}

const parser = new XMLParser({
  parseTagValue: false,
  ignoreDeclaration: true,
  // An answer names no entities of its own; one that does is not from AWS.
  processEntities: true,
  isArray: (name) => name === 'item' || name === 'Error',
});

function parseXml(text: string, what: string): Readonly<Record<string, unknown>> {
  try {
    if (text.includes('<!DOCTYPE')) throw new TypeError('a document type');
    const parsed: unknown = parser.parse(text, true);
    if (typeof parsed === 'object' && parsed !== null && Object.keys(parsed).length === 1) return { ...parsed };
    throw new TypeError('not one element');
  } catch {
    const begins = `${what}: the answer is not XML of AWS, it begins with ${beginning(text)}`;
    throw new LookupError('LARDER_LOOKUP_MALFORMED', begins); // its cause would quote the answer
  }
}

const oneError = z.looseObject({ Code: z.string(), Message: z.string().default('') });
/** EC2 wraps its errors once more than STS. */
const errorBody = z.union([
  z
    .looseObject({ Errors: z.looseObject({ Error: z.array(oneError).min(1) }) })
    .transform(({ Errors }) => Errors.Error[0]),
  z.looseObject({ Error: z.array(oneError).min(1) }).transform((body) => body.Error[0]),
]);

const DENIED = ['UnauthorizedOperation', 'AccessDenied', 'AccessDeniedException'];
const THROTTLED = ['RequestLimitExceeded', 'Throttling', 'ThrottlingException', 'Client.RequestLimitExceeded'];
const UNKNOWN_KEYS = [
  'AuthFailure',
  'InvalidClientTokenId',
  'SignatureDoesNotMatch',
  'ExpiredToken',
  'RequestExpired',
  'ExpiredTokenException',
  'InvalidIdentityToken',
  'IDPCommunicationError',
];

interface Asked {
  readonly what: string;
  readonly service: string;
  readonly action: string;
}

function awsFailure({ status, text, retryAfterMs: afterMs }: Answer, { what, service, action }: Asked): LookupError {
  const root = status >= 500 && !text.includes('<') ? undefined : Object.values(parseXml(text, what))[0];
  const parsed = errorBody.safeParse(root);
  const { Code: code, Message: message } = (parsed.success ? parsed.data : undefined) ?? { Code: '', Message: text };
  const said = `${what}: ${code || status}: ${excerpt(message)}`;
  if (DENIED.includes(code))
    return new LookupError('LARDER_LOOKUP_DENIED', `the role lacks ${service}:${action}. ${said}`);
  if (THROTTLED.includes(code)) return new LookupError('LARDER_LOOKUP_THROTTLED', said, { afterMs });
  if (UNKNOWN_KEYS.includes(code)) return new LookupError('LARDER_LOOKUP_CREDENTIALS', said);
  if (status >= 500) return new LookupError('LARDER_LOOKUP_UNREACHABLE', said, { afterMs });
  return new LookupError('LARDER_LOOKUP_MALFORMED', said);
}
