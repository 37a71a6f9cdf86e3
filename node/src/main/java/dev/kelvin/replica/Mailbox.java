package dev.kelvin.replica;

import dev.kelvin.peer.MessageCodec;
import dev.kelvin.peer.PeerMessage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jctools.queues.MpscArrayQueue;
import org.jctools.queues.MpscUnboundedArrayQueue;

/** Everything that waits for the raft loop, in lanes by urgency. Any thread puts, one takes. */
final class Mailbox {
  private static final int MAX_PEER_MESSAGES = 4096;
  private static final long MAX_PEER_BYTES = 64L << 20;

  final MpscUnboundedArrayQueue<Control> control = new MpscUnboundedArrayQueue<>(256);
  final MpscArrayQueue<Requests.Pending> proposals;
  final MpscArrayQueue<Reads.Read> reads;
  final Wakeup wakeup = new Wakeup();
  private final MpscArrayQueue<PeerMessage> peers = new MpscArrayQueue<>(MAX_PEER_MESSAGES);
  private final AtomicLong peerBytes = new AtomicLong();
  private final AtomicInteger ticks = new AtomicInteger();

  Mailbox(int maxRequests, int maxReads) {
    proposals = new MpscArrayQueue<>(maxRequests);
    reads = new MpscArrayQueue<>(maxReads);
  }

  void put(Control message) {
    control.add(message);
    wakeup.wake();
  }

  /** Drops the message when the lane is full: consensus copes with loss, not with waiting. */
  void put(PeerMessage message) {
    int size = MessageCodec.size(message);
    if (peerBytes.addAndGet(size) > MAX_PEER_BYTES || !peers.offer(message)) {
      peerBytes.addAndGet(-size);
    }
    wakeup.wake();
  }

  PeerMessage pollPeer() {
    var message = peers.poll();
    if (message != null) {
      peerBytes.addAndGet(-MessageCodec.size(message));
    }
    return message;
  }

  void tick() {
    ticks.incrementAndGet();
    wakeup.wake();
  }

  int takeTicks() {
    return ticks.get() == 0 ? 0 : ticks.getAndSet(0);
  }

  boolean isEmpty() {
    return isEmptyButForProposals() && proposals.isEmpty();
  }

  boolean isEmptyButForProposals() {
    return control.isEmpty() && peers.isEmpty() && reads.isEmpty() && ticks.get() == 0;
  }
}
