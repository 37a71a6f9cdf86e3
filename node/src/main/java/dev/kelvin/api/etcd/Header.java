package dev.kelvin.api.etcd;

import dev.kelvin.member.Node;
import dev.kelvin.proto.etcdserverpb.ResponseHeader;

/** What every answer says about who gave it. */
final class Header {
  private final Node node;

  Header(Node node) {
    this.node = node;
  }

  ResponseHeader at(long revision) {
    var replica = node.replica();
    return ResponseHeader.newBuilder()
        .setClusterId(node.clusterId())
        .setMemberId(node.memberId())
        .setRevision(revision)
        .setRaftTerm(replica == null ? 0 : replica.status().term())
        .build();
  }

  /** At the store's current revision. */
  ResponseHeader now() {
    var reader = node.reader();
    return at(reader == null ? 0 : reader.revision());
  }
}
