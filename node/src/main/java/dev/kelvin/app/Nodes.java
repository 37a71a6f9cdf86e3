package dev.kelvin.app;

import dev.kelvin.member.Node;
import dev.kelvin.member.NodeConfig;
import dev.kelvin.member.NodeRuntime;
import dev.kelvin.peer.PeerAddress;
import java.util.List;

/** The one place that says which node stands behind the doors. */
final class Nodes {
  private Nodes() {}

  static NodeFactory factory() {
    return options -> {
      // A replica that cannot go on must not linger: what it holds may be wrong from here on.
      var node = NodeRuntime.start(config(options), cause -> Runtime.getRuntime().halt(1));
      return new NodeFactory.Running() {
        @Override
        public Node node() {
          return node;
        }

        @Override
        public void handOver() {
          node.handOver();
        }

        @Override
        public void close() {
          node.close();
        }
      };
    };
  }

  private static NodeConfig config(Options options) {
    return new NodeConfig(
        options.name(),
        Version.KELVIN,
        options.dataDir(),
        new PeerAddress(options.listenPeer().host(), options.listenPeer().port()),
        List.of(options.advertisePeer()),
        List.of(options.advertiseClient()),
        options.advertiseJson().map(Address::toString).orElse(""),
        options.bootstrap(),
        options.join().stream().map(a -> new PeerAddress(a.host(), a.port())).toList(),
        options.heartbeatTicks(),
        options.electionTicks(),
        Math.toIntExact(options.logSegmentSize()),
        options.logRetentionSize(),
        options.storeCacheSize(),
        options.storeMemtableSize(),
        options.snapshotRate(),
        options.diskReserve(),
        options.autoCompaction(),
        options.restoration());
  }
}
