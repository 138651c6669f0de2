/** Signature Version 4 of AWS, on the clock that is given. */
import { AwsV4Signer } from 'aws4fetch';

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
}

export interface Signable {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly region: string;
  readonly service: string;
  /** Epoch ms. */
  readonly now: number;
}

/** The headers to send: those given, the time, the session and the signature over all of them. */
export async function signature(
  { now, ...request }: Signable,
  { sessionToken, ...keys }: AwsCredentials,
): Promise<Readonly<Record<string, string>>> {
  const signer = new AwsV4Signer({
    ...request,
    ...keys,
    ...(sessionToken === undefined ? {} : { sessionToken }),
    datetime: new Date(now).toISOString().replace(/[:-]|\.\d{3}/g, ''),
    // Its own list leaves out the content type, which says how the body is to be read.
    allHeaders: true,
  });
  const { headers } = await signer.sign();
  return Object.fromEntries(headers.entries());
}
