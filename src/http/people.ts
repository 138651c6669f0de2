/** Who is let in beside the holder of the server's own token; who they are is known to whoever gives this. */
import type { FastifyRequest } from 'fastify';

export interface People {
  /** The request is of the holder of the server's own token. */
  owner(request: FastifyRequest): void;
  /** False: nobody is known by this token. Rejects with HttpError when that cannot be found out. */
  byToken(request: FastifyRequest, bearer: string): Promise<boolean>;
  /** False: there is no such session, or it is over. Rejects as `byToken`. */
  bySession(request: FastifyRequest, id: string): Promise<boolean>;
  /** The id of a new session; undefined: nobody is known by this token. Rejects as `byToken`. */
  begin(bearer: string): Promise<string | undefined>;
  /** Ends a session, if there is one of that id. */
  end(id: string): void;
}
