package dev.kelvin.member;

import dev.kelvin.store.NoSpaceException;
import dev.kelvin.store.Store;
import java.io.IOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * Gives back the disk space of what was removed, because somebody asked for it: RocksDB does it by
 * itself too, but when it sees fit. In the background, one run at a time, and only where the disk
 * has room for the new files beside the old ones and the reserve.
 */
final class Defragmentation implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger("kelvin.member");

  private final Store store;
  private final SpaceWatch.Usable usable;
  private final long reserve;
  private final Consumer<Throwable> fatal;
  private final AtomicBoolean running = new AtomicBoolean();
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().name("kelvin-defragment").daemon().factory());

  /**
   * @param reserve bytes of the disk that stay free
   * @param fatal told when the store cannot go on
   */
  Defragmentation(Store store, SpaceWatch.Usable usable, long reserve, Consumer<Throwable> fatal) {
    this.store = store;
    this.usable = usable;
    this.reserve = reserve;
    this.fatal = fatal;
  }

  /**
   * Begins once what was compacted so far is removed, and returns at once; does nothing if a run is
   * under way.
   */
  void begin() {
    if (!running.compareAndSet(false, true)) {
      LOG.info("defragment: under way already");
      return;
    }
    store.whenRemoved(
        store.compactRevision(),
        removed -> {
          try {
            thread.execute(() -> run(removed));
          } catch (RejectedExecutionException e) {
            // This node stops.
            running.set(false);
          }
        });
  }

  private void run(boolean removed) {
    try {
      if (!removed) {
        // The store was closed.
        return;
      }
      long before = store.sizeOnDisk();
      long room = usable.bytes() - reserve;
      if (room < before) {
        LOG.warnf(
            "defragment: not begun, as the disk has no room for %d bytes beside the reserve; RocksDB goes on to give back space by itself",
            before);
        return;
      }
      LOG.infof("defragment: begun, %d bytes on disk", before);
      if (store.reclaim()) {
        LOG.infof("defragment: done, %d bytes on disk", store.sizeOnDisk());
      } else {
        LOG.info("defragment: given up, as the store is closed or replaced");
      }
    } catch (NoSpaceException | IOException e) {
      LOG.warnf("defragment: given up: %s", e);
    } catch (RuntimeException e) {
      // Unless the store was closed meanwhile, which is no trouble of its.
      store.failure().ifPresentOrElse(fatal, () -> LOG.infof("defragment: given up: %s", e));
    } finally {
      running.set(false);
    }
  }

  /** A run under way ends with the store. */
  @Override
  public void close() {
    thread.shutdown();
  }
}
