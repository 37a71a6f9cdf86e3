package dev.kelvin.peer;

import java.util.Optional;

/** Decides who may connect. Any thread may call. */
public interface PeerGate {
  /**
   * Looks at a node that connects.
   *
   * @param remote who it says it is
   * @param to the member it wants to reach
   * @return why it is refused, in words for its log; empty when it may come in
   */
  Optional<String> refuse(PeerIdentity remote, long to);
}
