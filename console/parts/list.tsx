import type { ReactNode } from 'react';

/** A word, or with how its column stands. */
export type ListHead =
  | string
  | {
      readonly title: string;
      /** Of figures. */
      readonly right?: boolean;
      /** Not on a phone. */
      readonly wide?: boolean;
      /** Only heard: the eye sees what stands there. */
      readonly hidden?: boolean;
      /** For the pointer that stays. */
      readonly means?: string;
    };

interface Properties {
  readonly heads: readonly ListHead[];
  /** A class of its own beside that of every list. */
  readonly kind?: string;
  /** Heard before the rows. */
  readonly caption?: string;
  /** How many there are with those that are not in the document. */
  readonly count?: number;
  readonly children: ReactNode;
}

/** Rows under heads; wider than its place it scrolls by itself. */
export function List(properties: Properties): ReactNode {
  return (
    <div className="scroll">
      <ListTable {...properties} />
    </div>
  );
}

/** The same for a place that scrolls already. */
export function ListTable({ heads, kind, caption, count, children }: Properties): ReactNode {
  const counted = count === undefined ? undefined : { table: count + 1, head: 1 };
  return (
    <table className={kind === undefined ? 'list' : `list ${kind}`} aria-rowcount={counted?.table}>
      {caption !== undefined && <caption className="visually-hidden">{caption}</caption>}
      <thead>
        <tr aria-rowindex={counted?.head}>
          {heads.map((head) => (
            <Head key={typeof head === 'string' ? head : head.title} head={head} />
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  );
}

function Head({ head }: { readonly head: ListHead }): ReactNode {
  if (typeof head === 'string') return <th scope="col">{head}</th>;
  const { title, right = false, wide = false, hidden = false, means } = head;
  const look = [...(right ? ['right'] : []), ...(wide ? ['wide'] : [])].join(' ');
  return (
    <th scope="col" className={look === '' ? undefined : look} title={means}>
      {hidden ? <span className="visually-hidden">{title}</span> : title}
    </th>
  );
}
