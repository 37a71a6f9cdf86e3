package dev.kelvin.api;

import dev.kelvin.proto.mvccpb.Event;
import dev.kelvin.watch.WatchSink;
import java.util.List;

/** Sees to it that somebody looks again, once, when anything happens to what is watched. */
final class Wake implements WatchSink {
  private Runnable action;

  /**
   * @param action must only queue
   */
  Wake(Runnable action) {
    this.action = action;
  }

  private void wake() {
    if (action != null) {
      action.run();
      action = null;
    }
  }

  @Override
  public void created(long watch, long revision) {
    // What counts is what comes.
  }

  @Override
  public void refused(long revision, String reason) {
    throw new IllegalStateException("a watch of ours is refused: " + reason);
  }

  @Override
  public boolean events(long watch, long revision, List<Event> events, boolean fragment) {
    wake();
    return true;
  }

  @Override
  public void progress(long watch, long revision) {
    // Not asked for.
  }

  @Override
  public void canceled(long watch, long revision) {
    // Not asked for.
  }

  @Override
  public void compacted(long watch, long revision, long compacted) {
    wake();
  }

  @Override
  public void ended() {
    wake();
  }
}
