/* Knows how the boot ROM starts what it loaded into RAM: at the first byte, with a stack of its own. */
#include <stdint.h>

__attribute__((naked, used, section(".entry"))) void rp2040_entry(void);

/* The vectors stand 256 bytes further on: stack, then start. */
__attribute__((naked, used, section(".entry"))) void rp2040_entry(void)
{
    __asm volatile("ldr r0, =0x20000100\n"
                   "ldmia r0!, {r1, r2}\n"
                   "msr msp, r1\n"
                   "bx r2\n"
                   ".ltorg\n");
}
