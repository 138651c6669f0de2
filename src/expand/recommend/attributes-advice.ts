/** What the VolumeAttributesClass that a claim names means for its volume, as far as it is known. */
import type { RecordedAttributes } from '../simulate/recording.ts';
import { GP3_IOPS, GP3_THROUGHPUT } from './gp3.ts';

export type AttributesAdvice =
  | {
      readonly kind: 'attributes-set';
      readonly name: string;
      readonly parameters: Readonly<Record<string, string>>;
      /** Of what it sets: dearer than the price of a GiB says. */
      readonly besides: boolean;
    }
  /** For volumes of another driver. */
  | {
      readonly kind: 'attributes-foreign';
      readonly name: string;
      readonly driver: string;
      readonly volumeDriver: string;
    }
  | { readonly kind: 'attributes-absent'; readonly name: string }
  | { readonly kind: 'attributes-unread'; readonly name: string; readonly why: string };

interface Named {
  readonly attributesClassName: string;
  readonly attributesClass?: RecordedAttributes | undefined;
}

/** `provisioner`: of the claim's class; empty: unknown. Undefined: the claim names none. */
export function attributesAdvice(claim: Named, provisioner: string): AttributesAdvice | undefined {
  const { attributesClassName: name, attributesClass: found } = claim;
  if (name === '') return undefined;
  if (!found) return { kind: 'attributes-unread', name, why: 'the operator is of a version that does not read them' };
  switch (found.kind) {
    case 'absent':
      return { kind: 'attributes-absent', name };
    case 'unread':
      return { kind: 'attributes-unread', name, why: found.why };
    case 'there':
      if (isOfAnother(found.driverName, provisioner)) {
        return { kind: 'attributes-foreign', name, driver: found.driverName, volumeDriver: provisioner };
      }
      return { kind: 'attributes-set', name, parameters: found.parameters, besides: isBeyondGp3(found.parameters) };
    default:
      return found satisfies never;
  }
}

/** An in-tree name says nothing: its CSI driver has another one. */
function isOfAnother(driver: string, provisioner: string): boolean {
  return provisioner !== '' && !provisioner.startsWith('kubernetes.io/') && provisioner !== driver;
}

function isBeyondGp3(parameters: Readonly<Record<string, string>>): boolean {
  const lower = Object.fromEntries(Object.entries(parameters).map(([key, value]) => [key.toLowerCase(), value]));
  if (lower['type']?.toLowerCase() !== 'gp3') return false;
  return Number(lower['iops'] ?? 0) > GP3_IOPS || Number(lower['throughput'] ?? 0) > GP3_THROUGHPUT;
}
