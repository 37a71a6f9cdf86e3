package dev.kelvin.peer;

import io.grpc.Status;

/**
 * Who said hello.
 *
 * @param to member that it took this node for
 * @param format of the frames that both can use
 * @param refusal null when it is welcome
 */
record Greeting(PeerIdentity remote, long to, int format, Status refusal) {}
