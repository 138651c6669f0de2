/** Journeys on a real control plane. */
import { missingControlPlane } from '../tools/control-plane.ts';
import { type Journey, type Place, real } from './site.ts';

export interface RealJourney extends Journey {
  /** What is missing for it on this machine; false when nothing is. */
  readonly skip: string | false;
}

export async function onReal(of: (place: Place) => readonly Journey[]): Promise<readonly RealJourney[]> {
  const skip = (await missingControlPlane()) ?? false;
  return of(real).map((journey) => ({ ...journey, skip }));
}
