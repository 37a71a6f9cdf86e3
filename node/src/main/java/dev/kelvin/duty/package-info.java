/**
 * What only a leader does, and what needs time: begin reading at {@link dev.kelvin.duty.Lessor}.
 * Nothing here changes data but by an entry in the log.
 */
package dev.kelvin.duty;
