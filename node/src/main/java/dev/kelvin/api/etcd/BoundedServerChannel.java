package dev.kelvin.api.etcd;

import io.netty.channel.Channel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/** Accepts connections up to a number; closes at once those beyond. */
final class BoundedServerChannel extends NioServerSocketChannel {
  private static final Logger LOG = Logger.getLogger(BoundedServerChannel.class);

  private final int most;
  private final AtomicInteger open = new AtomicInteger();

  /** Whether the last connection was refused: one line in the log per time the limit is hit. */
  private boolean full;

  BoundedServerChannel(int most) {
    this.most = most;
  }

  @Override
  protected int doReadMessages(List<Object> accepted) throws Exception {
    int count = super.doReadMessages(accepted);
    if (count <= 0) {
      return count;
    }
    if (open.get() < most) {
      full = false;
      open.incrementAndGet();
      var connection = (Channel) accepted.getLast();
      connection.closeFuture().addListener(closed -> open.decrementAndGet());
      return count;
    }
    if (!full) {
      full = true;
      LOG.warnf("Refusing client connections beyond %d", most);
    }
    ((Channel) accepted.removeLast()).unsafe().closeForcibly();
    // Nothing to hand on, and nothing that would end the loop of reads.
    return 0;
  }
}
