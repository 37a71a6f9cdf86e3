package dev.kelvin.api.cache;

import dev.kelvin.member.Node;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/** Lets nodes in, a few at a time, and tells the log why one was not. Any thread. */
final class Joins {
  private static final Logger LOG = Logger.getLogger(Joins.class);

  /** Each asks another node again and again. */
  private static final int MOST = 8;

  /** Refusals told in a minute: clients must not fill the log. */
  private static final int TOLD = 10;

  private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

  /** Of a name or an address, in the log. */
  private static final int SHOWN = 100;

  private final Node node;
  private final AtomicInteger underWay = new AtomicInteger();
  private long minuteBegan = System.nanoTime();
  private int refused;

  Joins(Node node) {
    this.node = node;
  }

  /**
   * @param joined told, by any thread, whether the node is a member now
   */
  void join(String name, String address, Consumer<Boolean> joined) {
    if (underWay.incrementAndGet() > MOST) {
      underWay.decrementAndGet();
      say(name, address, MOST + " are under way");
      joined.accept(false);
      return;
    }
    node.invite(
        name,
        address,
        refusal -> {
          underWay.decrementAndGet();
          refusal.ifPresent(why -> say(name, address, why.text()));
          joined.accept(refusal.isEmpty());
        });
  }

  private synchronized void say(String name, String address, String why) {
    long now = System.nanoTime();
    if (now - minuteBegan > MINUTE) {
      if (refused > TOLD) {
        LOG.warnf("%d further JOINs were refused", refused - TOLD);
      }
      minuteBegan = now;
      refused = 0;
    }
    if (refused++ < TOLD) {
      LOG.warnf("JOIN of %s at %s refused: %s", shown(name), shown(address), why);
    }
  }

  /** What a client sent, on one line of the log. */
  private static String shown(String text) {
    var start = text.length() > SHOWN ? text.substring(0, SHOWN) + "..." : text;
    return '"' + start.replaceAll("\\p{Cntrl}", "?") + '"';
  }
}
