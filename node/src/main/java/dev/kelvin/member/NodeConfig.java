package dev.kelvin.member;

import dev.kelvin.duty.AutoCompaction;
import dev.kelvin.peer.PeerAddress;
import dev.kelvin.store.Restoration;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a node is told at its start.
 *
 * @param version of the program
 * @param listenPeer where it listens for other members
 * @param peerUrls where they reach it
 * @param clientUrls where clients reach it
 * @param jsonAddress HOST:PORT where clients reach its JSON door; empty if it has none
 * @param bootstrap found a cluster
 * @param join members to ask to be let in; empty: do not ask
 * @param heartbeatTicks in ticks of 10 ms, as the next
 * @param maxLogBytes log size past which it is cut
 * @param snapshotRate bytes a second of each snapshot sent to another member
 * @param diskReserveBytes usable disk space below which writes that add data are refused
 * @param restoration snapshot file that the cluster is to be founded from; with {@code bootstrap}
 */
public record NodeConfig(
    String name,
    String version,
    Path dataDirectory,
    PeerAddress listenPeer,
    List<String> peerUrls,
    List<String> clientUrls,
    String jsonAddress,
    boolean bootstrap,
    List<PeerAddress> join,
    int heartbeatTicks,
    int electionTicks,
    int logSegmentBytes,
    long maxLogBytes,
    long storeCacheBytes,
    long storeMemtableBytes,
    long snapshotRate,
    long diskReserveBytes,
    AutoCompaction autoCompaction,
    Optional<Restoration> restoration) {

  public NodeConfig {
    peerUrls = List.copyOf(peerUrls);
    clientUrls = List.copyOf(clientUrls);
    join = List.copyOf(join);
  }
}
