import { type KeyboardEvent, memo, type ReactNode, type SyntheticEvent, useEffect, useRef } from 'react';
import { type CodeLine, type LineClass, nextLine, worstOf } from './link.ts';
import { classLooks } from './service.ts';

interface Properties {
  /** Distinguishes the two sides. */
  readonly id: string;
  readonly label: string;
  readonly lines: readonly CodeLine[];
  /** Lines that belong to what is chosen. */
  readonly marked: ReadonlySet<number>;
  /** Lines that belong to what the pointer is on. */
  readonly hovered: ReadonlySet<number>;
  /** Where the keys are; undefined: the other side was chosen last. */
  readonly cursor: number | undefined;
  readonly classes: ReadonlySet<LineClass>;
  readonly onPick: (line: number) => void;
  readonly onHover: (line: number | undefined) => void;
  /** To the counterpart on the other side. */
  readonly onCross: () => void;
}

const PAGE = 12;

/** One side: arrows move line by line, j and k to the next of the chosen classes, enter to the counterpart. */
export function CodePane(properties: Properties): ReactNode {
  const { id, label, lines, marked, hovered, cursor, classes, onPick, onHover, onCross } = properties;
  const list = useRef<HTMLDivElement>(null);
  const first = cursor ?? [...marked][0];
  useEffect(() => {
    if (first !== undefined && lines.length > 0) reveal(list.current, first);
  }, [first, lines]);
  const onKey = (event: KeyboardEvent): void => {
    const to = targetOf(event, { lines, at: first ?? 0, classes });
    if (event.key === 'Enter' || event.key === ' ') onCross();
    else if (to === undefined) return;
    else onPick(to);
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      ref={list}
      id={id}
      className="code"
      role="listbox"
      aria-label={label}
      aria-multiselectable="true"
      aria-activedescendant={first === undefined ? undefined : `${id}-${first}`}
      tabIndex={0}
      onKeyDown={onKey}
      onClick={(event) => {
        const line = lineAt(event);
        if (line === undefined) return;
        list.current?.focus({ preventScroll: true });
        onPick(line);
      }}
      onMouseOver={(event) => onHover(lineAt(event))}
      onMouseLeave={() => onHover(undefined)}
      onFocus={() => undefined}
    >
      {lines.map(({ number, text, accounts }) => (
        <Line
          key={number}
          id={`${id}-${number}`}
          number={number}
          text={text}
          kind={worstOf(accounts.filter((each) => classes.has(each.class)))}
          linked={accounts.length > 0}
          marked={marked.has(number)}
          hovered={hovered.has(number)}
          current={cursor === number}
        />
      ))}
    </div>
  );
}

interface LineProperties {
  readonly id: string;
  readonly number: number;
  readonly text: string;
  /** Undefined: nothing is said of it, or nothing of the classes that are shown. */
  readonly kind: LineClass | undefined;
  readonly linked: boolean;
  readonly marked: boolean;
  readonly hovered: boolean;
  /** The keys are here. */
  readonly current: boolean;
}

/** Drawn anew only when something of it changed: a job has hundreds. */
const Line = memo(function codeLine(properties: LineProperties): ReactNode {
  const { id, number, text, kind, linked, marked, hovered, current } = properties;
  const states = [
    linked ? 'linked' : '',
    marked ? 'marked' : '',
    hovered ? 'hovered' : '',
    current ? 'current' : '',
    kind ?? '',
  ];
  return (
    <div
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={marked}
      data-line={number}
      className={['line', ...states].filter((each) => each !== '').join(' ')}
    >
      <span className="gutter">
        <span className="line-number">{number}</span>
        <span className="class-mark" title={kind && classLooks[kind].word}>
          {kind && <span aria-hidden="true">{classLooks[kind].mark}</span>}
          {kind && <span className="visually-hidden">{classLooks[kind].word}:</span>}
        </span>
      </span>
      <span className="line-text">{text === '' ? ' ' : text}</span>
    </div>
  );
});

function lineAt({ target }: SyntheticEvent): number | undefined {
  const line = target instanceof Element ? target.closest('[data-line]')?.getAttribute('data-line') : undefined;
  return line === null || line === undefined ? undefined : Number(line);
}

/** Scrolls the side and nothing else, and only when the line is not seen. */
function reveal(list: HTMLElement | null, number: number): void {
  const line = list?.querySelector(`[data-line="${number}"]`);
  if (!list || !(line instanceof HTMLElement)) return;
  const top = line.offsetTop; // from the list, which is positioned
  const seen = top >= list.scrollTop && top + line.offsetHeight <= list.scrollTop + list.clientHeight;
  if (!seen) list.scrollTop = top - list.clientHeight / 3;
}

interface Place {
  readonly lines: readonly CodeLine[];
  readonly at: number;
  readonly classes: ReadonlySet<LineClass>;
}

/** Undefined: the key means nothing here. */
function targetOf({ key, metaKey, ctrlKey, altKey }: KeyboardEvent, { lines, at, classes }: Place): number | undefined {
  if (metaKey || ctrlKey || altKey || lines.length === 0) return undefined;
  const within = (line: number): number => Math.max(1, Math.min(lines.length, line));
  switch (key) {
    case 'ArrowDown':
      return within(at + 1);
    case 'ArrowUp':
      return within(at - 1);
    case 'PageDown':
      return within(at + PAGE);
    case 'PageUp':
      return within(at - PAGE);
    case 'Home':
      return 1;
    case 'End':
      return lines.length;
    case 'j':
      return nextLine(lines, at, { step: 1, classes });
    case 'k':
      return nextLine(lines, at, { step: -1, classes });
    default:
      return undefined;
  }
}
