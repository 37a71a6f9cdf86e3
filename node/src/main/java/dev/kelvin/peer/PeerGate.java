package dev.kelvin.peer;

import io.grpc.Status;
import java.util.Optional;

/** Decides who may connect. Any thread may call. */
public interface PeerGate {
  /**
   * Looks at a node that connects, or that sends something.
   *
   * @param remote who it says it is
   * @param to the member it wants to reach
   * @return why it is refused, in words for its log; empty when it may come in. {@link
   *     Status.Code#PERMISSION_DENIED} tells it that it was removed from this cluster
   */
  Optional<Status> refuse(PeerIdentity remote, long to);
}
