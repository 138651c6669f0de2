import { pino } from 'pino';

/** Constant messages, variables as fields; one line per decision that changed the world; an error is logged once. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(fields: object): Log;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** JSON lines to `destination` (a file descriptor; default 2, because stdout is data). Secrets are redacted by field name. */
export function createLog(options: { level: LogLevel; destination?: number }): Log {
  return pino(
    {
      level: options.level,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: ['token', '*.token', 'headers.authorization', '*.headers.authorization', 'password', '*.password'],
      },
    },
    pino.destination({ fd: options.destination ?? 2, sync: true }),
  );
}

/** Discards everything; for pure tests and the simulator. */
export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLog,
};
