/**
 * Owner, mode and times of a copied entry. Node reaches neither extended attributes nor ACLs, capabilities and flags of
 * files, so copies have none of them.
 */
import { type Facts, setMode, setOwner } from '../directory/descriptor.ts';
import { setLinkOwner, setLinkTimes, setTimes } from '../directory/file.ts';
import { errnoOf } from '../directory/problem.ts';

/** An ordinary user cannot give away what it copies. As root that is a failure: the server squashes. */
async function given(giving: Promise<void>, as: number): Promise<boolean> {
  try {
    await giving;
    return true;
  } catch (cause) {
    if (errnoOf(cause) !== 'EPERM' || as === 0) throw cause;
    return false;
  }
}

/** The owner first, because a change of it takes setuid and setgid away. False: it belongs to this process. */
export async function copyAttributes(fd: number, facts: Facts, as: number): Promise<boolean> {
  const kept = await given(setOwner(fd, Number(facts.uid), Number(facts.gid)), as);
  await setMode(fd, Number(facts.mode) & (kept ? 0o7777 : 0o777));
  await setTimes(fd, facts);
  return kept;
}

/** The same for a symbolic link, which has no mode of its own. */
export async function copyLinkAttributes(
  place: { readonly fd: number; readonly name: Buffer },
  facts: Facts,
  as: number,
): Promise<boolean> {
  const kept = await given(setLinkOwner(place.fd, place.name, Number(facts.uid), Number(facts.gid)), as);
  await setLinkTimes(place.fd, place.name, facts);
  return kept;
}
