/* Knows which sources this was built from; the Makefile says. */
#include "device.h"

#ifndef PB_BUILD_ID
#define PB_BUILD_ID UINT64_C(0)
#endif

const uint64_t pb_build_id_value = PB_BUILD_ID;
