/** Reads what storage drivers say when they cannot grow a volume. */
import type { DriverFailure, DriverReason } from '../expand/provider.ts';

export interface DriverFailurePattern {
  readonly words: RegExp;
  readonly reason: DriverReason;
  readonly remedy: string;
}

/** What drivers of any storage say, after the words of a cloud. Sources: grpc status codes, CSI specification 1.11 (ControllerExpandVolume). */
const anyDriverFailures: readonly DriverFailurePattern[] = [
  {
    words: /code = ResourceExhausted|quota/i,
    reason: 'cloud-quota',
    remedy: 'the storage behind the driver limits how much may be used: raise that limit, or free volumes',
  },
  {
    words: /code = OutOfRange/i,
    reason: 'too-large',
    remedy: 'lower max-size to what the storage offers',
  },
  {
    words: /no space left|not enough (?:free )?space|insufficient (?:free )?space/i,
    reason: 'no-space',
    remedy: 'add storage behind the driver, or free some of it',
  },
  {
    words: /currently published|(?:only|be) offline|not support(?:ed)? online|online (?:expansion|resize) is not/i,
    reason: 'detach-needed',
    remedy: 'stop the pods that use the claim; it grows while the volume is attached nowhere',
  },
  {
    words: /code = PermissionDenied|code = Unauthenticated/i,
    reason: 'cloud-forbidden',
    remedy: 'look at the credentials of the storage driver',
  },
  {
    words: /code = NotFound/i,
    reason: 'volume-gone',
    remedy: 'the storage does not know the volume: look at its own console',
  },
];

/** The first pattern counts, so that a cloud's own words come before what any driver may say. */
export function failureIn(patterns: readonly DriverFailurePattern[], message: string): DriverFailure | undefined {
  const found = [...patterns, ...anyDriverFailures].find(({ words }) => words.test(message));
  return found && { reason: found.reason, remedy: found.remedy };
}
