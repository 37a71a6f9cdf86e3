package dev.kelvin.watch;

import dev.kelvin.proto.mvccpb.Event;
import dev.kelvin.store.Change;
import dev.kelvin.store.Reader;

/** A change on its way to the watchers that wait for it: the events they share. */
final class Happening {
  private final Change change;
  private Event event;
  private Event withPrevious;

  Happening(Change change) {
    this.change = change;
  }

  Change change() {
    return change;
  }

  long revision() {
    return change.revision();
  }

  /** Touches the store if the version before is wanted, so not with a lock held. */
  void prepare(boolean previous, Reader reader) {
    if (event == null) {
      event =
          Event.newBuilder()
              .setType(change.deletion() ? Event.EventType.DELETE : Event.EventType.PUT)
              .setKv(change.kv())
              .build();
    }
    if (previous && withPrevious == null) {
      var before = change.previousMod() == 0 ? null : reader.previous(change);
      withPrevious = before == null ? event : event.toBuilder().setPrevKv(before).build();
    }
  }

  /** After {@link #prepare}. */
  Event event(boolean previous) {
    return previous ? withPrevious : event;
  }
}
