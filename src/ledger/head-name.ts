/** The ConfigMap with the heads that a cluster remembers. Pure. */
export const HEAD_NAME = 'larder-ledger-head';

/** Where it is unless somebody says otherwise. */
export const HEADS_NAMESPACE = 'larder-system';
