package dev.kelvin.watch;

import dev.kelvin.proto.mvccpb.Event;
import java.util.List;

/**
 * Where a {@link WatchStream} puts its answers: in the order of the calls, they go to the client.
 * Called with a lock held, so that it must only queue them.
 */
public interface WatchSink {
  /** Answers a request to watch; of this watch nothing was said before. */
  void created(long watch, long revision);

  /** Answers a request to watch that is refused. */
  void refused(long revision, String reason);

  /**
   * Takes events of whole revisions, if there is room.
   *
   * @param revision of the store that the events bring the watch up to, or later
   * @return whether they were taken; if not, {@link WatchStream#room} is to be called once there is
   *     room
   */
  boolean events(long watch, long revision, List<Event> events, boolean fragment);

  /** Nothing but what was told happened up to a revision; {@code watch} is -1 for all. */
  void progress(long watch, long revision);

  /** The client canceled a watch. */
  void canceled(long watch, long revision);

  /** What a watch is to be told of next was compacted: it ends. */
  void compacted(long watch, long revision, long compacted);

  /** The store is closed, and so are all watches. */
  void ended();
}
