/* The program's version; meson.build has it. */
#ifndef VIRGA_BASE_VERSION_H
#define VIRGA_BASE_VERSION_H

#ifndef VIRGA_VERSION
#define VIRGA_VERSION "0.0.0"
#endif

#endif
