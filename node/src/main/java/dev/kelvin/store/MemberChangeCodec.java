package dev.kelvin.store;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Bytes of a {@link MemberChange}: format version (1), kind (1), then its fields in order. */
public final class MemberChangeCodec {
  private static final int VERSION = 1;
  private static final int FOUND = 1;
  private static final int ADD = 2;
  private static final int PROMOTE = 3;
  private static final int REMOVE = 4;
  private static final int CLAIM = 5;
  private static final int UPDATE = 6;
  private static final int RECOVER = 7;

  private MemberChangeCodec() {}

  public static byte[] encode(MemberChange change) {
    var bytes = new ByteArrayOutputStream();
    try (var out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      switch (change) {
        case MemberChange.Found found -> {
          out.writeByte(FOUND);
          out.writeLong(found.clusterId());
          MemberBytes.write(out, found.first());
        }
        case MemberChange.Add add -> {
          out.writeByte(ADD);
          MemberBytes.write(out, add.member());
        }
        case MemberChange.Promote promote -> {
          out.writeByte(PROMOTE);
          out.writeLong(promote.id());
        }
        case MemberChange.Remove remove -> {
          out.writeByte(REMOVE);
          out.writeLong(remove.id());
        }
        case MemberChange.Update update -> {
          out.writeByte(UPDATE);
          out.writeLong(update.id());
          MemberBytes.write(out, update.peerUrls());
        }
        case MemberChange.Recover recover -> {
          out.writeByte(RECOVER);
          out.writeLong(recover.clusterId());
          out.writeLong(recover.survivor());
        }
        case MemberChange.Claim claim -> {
          out.writeByte(CLAIM);
          out.writeLong(claim.id());
          out.writeLong(claim.incarnation());
          out.writeUTF(claim.name());
          MemberBytes.write(out, claim.peerUrls());
          MemberBytes.write(out, claim.clientUrls());
          out.writeInt(claim.format());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /**
   * @throws UnknownFormatException for bytes that are no change this version knows
   */
  public static MemberChange decode(byte[] bytes) {
    try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      int version = in.readUnsignedByte();
      if (version != VERSION) {
        throw new UnknownFormatException("member change of format version " + version);
      }
      int kind = in.readUnsignedByte();
      MemberChange change =
          switch (kind) {
            case FOUND -> new MemberChange.Found(in.readLong(), MemberBytes.readMember(in));
            case ADD -> new MemberChange.Add(MemberBytes.readMember(in));
            case PROMOTE -> new MemberChange.Promote(in.readLong());
            case REMOVE -> new MemberChange.Remove(in.readLong());
            case UPDATE -> new MemberChange.Update(in.readLong(), MemberBytes.readStrings(in));
            case RECOVER -> new MemberChange.Recover(in.readLong(), in.readLong());
            case CLAIM ->
                new MemberChange.Claim(
                    in.readLong(),
                    in.readLong(),
                    in.readUTF(),
                    MemberBytes.readStrings(in),
                    MemberBytes.readStrings(in),
                    in.readInt());
            default -> throw new UnknownFormatException("member change of kind " + kind);
          };
      if (in.read() != -1) {
        throw new UnknownFormatException("member change with bytes left over");
      }
      return change;
    } catch (IOException e) {
      throw new UnknownFormatException("member change is cut short or damaged");
    }
  }
}
