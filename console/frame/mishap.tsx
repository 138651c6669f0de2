import { Component, type ReactNode } from 'react';
import { FailureNote } from '../parts/failure-note.tsx';

interface State {
  readonly cause: unknown;
  readonly broken: boolean;
}

/** A screen that fails says so and leaves the frame whole. React asks for a class here. */
export class Mishap extends Component<{ readonly children: ReactNode }, State> {
  override state: State = { cause: undefined, broken: false };

  static getDerivedStateFromError(cause: unknown): State {
    return { cause, broken: true };
  }

  override render(): ReactNode {
    if (!this.state.broken) return this.props.children;
    return (
      <FailureNote
        what="This screen could not be shown"
        cause={this.state.cause}
        retry={() => this.setState({ cause: undefined, broken: false })}
      />
    );
  }
}
