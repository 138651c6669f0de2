/** What becomes of a volume when its claim is deleted, over HTTP. Times are epoch milliseconds. Pure. */
import { z } from 'zod';

/** Never `delete`: that is for a class, or for a person with kubectl. */
const endChoices = ['archive', 'retain'] as const;
type EndChoice = EndRequest['onDelete'];

export const endRequest = z.object({
  namespace: z.string().min(1),
  name: z.string().min(1),
  /** The one that was looked at; absent: whichever the claim has. */
  volume: z.string().optional(),
  /** What the volume is to say of its end. */
  onDelete: z.enum(endChoices),
  /** Only say what would be written. */
  dryRun: z.boolean().default(false),
});
export type EndRequest = z.infer<typeof endRequest>;

/** What becomes of the directory. */
export interface EndWords {
  /** `foreign`: another driver made the volume, and it is its matter. */
  readonly kind: 'archive' | 'trash' | 'stay' | 'wait' | 'refuse' | 'foreign';
  /** A few words, for a list of facts. */
  readonly short: string;
  /** One sentence, with the reason. */
  readonly says: string;
  /** What does not happen. */
  readonly leaves: string;
  /** When it is removed, if the claim is deleted now; absent: never. */
  readonly until?: number;
  /** How the data is used again, to follow a colon; empty: nothing has to be done. */
  readonly back: string;
  /** Empty: there is no one command. */
  readonly backCommand: string;
}

export interface EndAnswer {
  readonly kind: 'end';
  /** `namespace/name`. */
  readonly claim: string;
  readonly volume: string;
  /** `going`: it was deleted, and pods still use it. `gone`: only the volume is left. */
  readonly state: 'there' | 'going' | 'gone';
  readonly words: EndWords;
  /** What deletes the claim; the console does not. */
  readonly command: string;
  /** What the volume can be made to say, and by which command. */
  readonly choices: readonly { readonly onDelete: EndChoice; readonly command: string }[];
  /** Why there are no choices, as a sentence; empty where there are. */
  readonly fixed: string;
  /** By which there would be some; empty: there is no one command. */
  readonly fixedCommand: string;
  /** Pods that use it now; absent: not known, or not for this person. */
  readonly pods?: readonly string[];
}

/** A claim that has no volume yet, and so nothing that could end. */
export type EndReading = EndAnswer | { readonly kind: 'none' };

export interface EndSetAnswer {
  readonly claim: string;
  readonly volume: string;
  readonly changes: boolean;
  /** What was written or would be, and what becomes of the directory then; or why nothing is. */
  readonly message: string;
  /** The same by kubectl. */
  readonly command: string;
}
