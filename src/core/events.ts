/**
 * Where orchestration reports what it does: one dotted name, fields with units in their keys.
 * The terminal, the JSON-lines file and a dashboard are all listeners; kernels and io are silent.
 */
export interface EventLog {
  event(name: string, fields: Readonly<Record<string, unknown>>): void;
}

export interface LoggedEvent {
  readonly name: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Takes every event and keeps none. */
export const silentLog: EventLog = { event() {} };

/** Keeps every event in memory, in order. */
export class MemoryLog implements EventLog {
  readonly events: LoggedEvent[] = [];

  event(name: string, fields: Readonly<Record<string, unknown>>): void {
    this.events.push({ name, fields });
  }

  named(name: string): LoggedEvent[] {
    return this.events.filter((event) => event.name === name);
  }
}

/** Sends each event to every listener, in the order given. */
export function teeLog(...listeners: readonly EventLog[]): EventLog {
  return {
    event(name, fields) {
      for (const listener of listeners) listener.event(name, fields);
    },
  };
}
