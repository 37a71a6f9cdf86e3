package dev.kelvin.store;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** Members and lists of them in bytes, for entries and for the store's own row. */
final class MemberBytes {
  private MemberBytes() {}

  static void write(DataOutputStream out, Member member) throws IOException {
    out.writeLong(member.id());
    out.writeUTF(member.name());
    write(out, member.peerUrls());
    write(out, member.clientUrls());
    out.writeBoolean(member.learner());
    out.writeLong(member.incarnation());
    out.writeInt(member.format());
  }

  static Member readMember(DataInputStream in) throws IOException {
    return new Member(
        in.readLong(),
        in.readUTF(),
        readStrings(in),
        readStrings(in),
        in.readBoolean(),
        in.readLong(),
        in.readInt());
  }

  static void write(DataOutputStream out, List<String> strings) throws IOException {
    out.writeInt(strings.size());
    for (var string : strings) {
      out.writeUTF(string);
    }
  }

  static List<String> readStrings(DataInputStream in) throws IOException {
    int count = readCount(in);
    var strings = new ArrayList<String>();
    for (int i = 0; i < count; i++) {
      strings.add(in.readUTF());
    }
    return strings;
  }

  static void write(DataOutputStream out, ClusterState cluster) throws IOException {
    out.writeLong(cluster.id());
    out.writeInt(cluster.members().size());
    for (var member : cluster.members()) {
      write(out, member);
    }
    out.writeInt(cluster.removed().size());
    for (long id : new TreeSet<>(cluster.removed())) {
      out.writeLong(id);
    }
    out.writeInt(cluster.ancestors().size());
    for (long id : cluster.ancestors()) {
      out.writeLong(id);
    }
  }

  static ClusterState readCluster(DataInputStream in) throws IOException {
    long id = in.readLong();
    var members = new ArrayList<Member>();
    for (int i = readCount(in); i > 0; i--) {
      members.add(readMember(in));
    }
    var removed = new TreeSet<Long>();
    for (int i = readCount(in); i > 0; i--) {
      removed.add(in.readLong());
    }
    var ancestors = new ArrayList<Long>();
    for (int i = readCount(in); i > 0; i--) {
      ancestors.add(in.readLong());
    }
    return new ClusterState(id, members, removed, ancestors);
  }

  private static int readCount(DataInputStream in) throws IOException {
    int count = in.readInt();
    if (count < 0) {
      throw new IOException("negative count");
    }
    return count;
  }
}
