/** One request to an API server, as JSON. */
import { Agent, request } from 'undici';

export interface Server {
  readonly url: string;
  readonly token: string;
  /** PEM. */
  readonly authority: string;
}

export interface Ask {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly body?: object;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

export async function ask(
  { url, token, authority: ca }: Server,
  path: string,
  { method = 'GET', body }: Ask = {},
): Promise<Answer> {
  const dispatcher = new Agent({ connect: { ca } });
  try {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const content = body === undefined ? null : JSON.stringify(body);
    const answer = await request(`${url}${path}`, { dispatcher, method, headers, body: content });
    return { status: answer.statusCode, text: await answer.body.text() };
  } finally {
    await dispatcher.destroy();
  }
}
