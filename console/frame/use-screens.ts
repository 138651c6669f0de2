import { needOf } from '../../src/operator/access/need.ts';
import { usePermissions } from '../live/me.ts';
import { type Screen, screens } from './screens.ts';

const needs = screens.map((screen) => needOf(screen.needs ?? 'see volumes'));

/** Those that have something to show to whoever is signed in; what is not known yet is not hidden. */
export function useScreens(): readonly Screen[] {
  const permissions = usePermissions(needs);
  return screens.filter((screen, index) => screen.needs === undefined || permissions[index] !== false);
}
