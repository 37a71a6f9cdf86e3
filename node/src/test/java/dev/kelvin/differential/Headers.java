package dev.kelvin.differential;

import com.google.protobuf.Message;
import dev.kelvin.proto.etcdserverpb.ResponseHeader;

/** The header that most answers have. */
final class Headers {
  private Headers() {}

  /** Revision that an answer names; 0 if none. */
  static long revision(Message answer) {
    if (answer == null) {
      return 0;
    }
    var field = answer.getDescriptorForType().findFieldByName("header");
    return field != null && answer.getField(field) instanceof ResponseHeader header
        ? header.getRevision()
        : 0;
  }
}
