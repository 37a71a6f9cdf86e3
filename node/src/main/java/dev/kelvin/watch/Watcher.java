package dev.kelvin.watch;

/** One watch of one stream. Guarded by the lock of {@link Watches}. */
final class Watcher {
  final WatchStream stream;
  final WatchRequest request;
  final long id;
  final KeyRange range;

  /** First revision it is to be told of, while it lags; while it is in sync, what it asked for. */
  long next;

  /** Told of changes as they come; else from the store. */
  boolean synced;

  boolean closed;

  /** Whether it got events since progress was due last. */
  boolean told;

  Watcher(WatchStream stream, WatchRequest request, long id, KeyRange range, long next) {
    this.stream = stream;
    this.request = request;
    this.id = id;
    this.range = range;
    this.next = next;
  }

  boolean wants(Happening happening) {
    return happening.revision() >= next
        && !(happening.change().deletion() ? request.noDelete() : request.noPut());
  }
}
