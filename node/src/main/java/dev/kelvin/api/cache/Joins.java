package dev.kelvin.api.cache;

import dev.kelvin.member.Node;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/** Lets nodes in, a few at a time, and tells the log why one was not. Any thread. */
final class Joins {
  private static final Logger LOG = Logger.getLogger(Joins.class);

  /** Each asks another node again and again. */
  private static final int MOST = 8;

  /** Of a name or an address, in the log. */
  private static final int SHOWN = 100;

  private final Node node;
  private final AtomicInteger underWay = new AtomicInteger();

  Joins(Node node) {
    this.node = node;
  }

  /**
   * @param joined told, by any thread, whether the node is a member now
   */
  void join(String name, String address, Consumer<Boolean> joined) {
    if (underWay.incrementAndGet() > MOST) {
      underWay.decrementAndGet();
      LOG.warnf("JOIN of %s at %s refused: %d are under way", shown(name), shown(address), MOST);
      joined.accept(false);
      return;
    }
    node.invite(
        name,
        address,
        refusal -> {
          underWay.decrementAndGet();
          refusal.ifPresent(
              why ->
                  LOG.warnf(
                      "JOIN of %s at %s refused: %s", shown(name), shown(address), why.text()));
          joined.accept(refusal.isEmpty());
        });
  }

  /** What a client sent, on one line of the log. */
  private static String shown(String text) {
    var start = text.length() > SHOWN ? text.substring(0, SHOWN) + "..." : text;
    return '"' + start.replaceAll("\\p{Cntrl}", "?") + '"';
  }
}
