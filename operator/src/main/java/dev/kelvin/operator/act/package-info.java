/** Carries out the one step that was decided. */
package dev.kelvin.operator.act;
