import { fold } from '../fold.ts';
import type { GroupScope } from '../scope.ts';
import type { Tree } from '../sourced.ts';

/** What a router means by the name of a middleware, a transport or TLS options. */
export type Reference =
  | { readonly kind: 'own'; readonly name: string; readonly namespace: string }
  /** Defined in a file or by labels of a container: nothing of the jobs. */
  | { readonly kind: 'outside'; readonly written: string };

/** Providers whose names are the tags of the jobs. */
const ours = /@(consulcatalog|nomad|consul)$/i;

/** Where what tags declare under a name stands after the migration. */
export function resolve(written: string, part: 'middlewares' | 'serverstransports', scope: GroupScope): Reference {
  const bareName = written.replace(ours, '');
  if (bareName.includes('@')) return { kind: 'outside', written };
  const places = scope.project.services.declared.get(`${part}.${bareName}`) ?? [];
  const place = places.find(({ module }) => module === scope.module.name) ?? places[0];
  if (!place) return { kind: 'outside', written };
  return { kind: 'own', name: nameOf(bareName, place.module, places.length), namespace: place.namespace };
}

/** Of the custom resource: as the tags call it, with the module's name before it where several modules declare it. */
export function nameOf(declared: string, module: string, places: number): string {
  return fold(places > 1 ? `${module}-${declared}` : declared);
}

/** As a route refers to it. A reference to the outside stays as it is: Traefik then refuses the route, instead of opening it. */
export function referenceTree(reference: Reference, { namespace }: { readonly namespace: string }): Tree {
  if (reference.kind === 'outside') return { name: reference.written };
  const elsewhere = reference.namespace === namespace ? {} : { namespace: reference.namespace };
  return { name: reference.name, ...elsewhere };
}
