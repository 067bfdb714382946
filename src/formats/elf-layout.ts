/**
 * Where the fields of 64-bit ELF structures lie, in bytes from the start of each structure, by their names in elf.h.
 * Layouts: System V gABI chapters 4 and 5.
 */

/** The first fields of every ELF file, within `e_ident`. */
export const IDENT = { magic: 0, class: 4, data: 5 } as const;
/** The first four bytes of every ELF file as a big-endian number: a byte of 127 and the letters ELF. */
export const ELF_MAGIC = 0x7f454c46;
export const CLASS_64 = 2;
export const LITTLE_ENDIAN = 1;

/** The processors of `e_machine` that this project runs on. */
export const EM = { X86_64: 62, AARCH64: 183 } as const;

/** The ELF header. */
export const EHDR = {
  e_type: 16,
  e_machine: 18,
  e_entry: 24,
  e_phoff: 32,
  e_shoff: 40,
  e_phnum: 56,
  e_shnum: 60,
  e_shstrndx: 62,
} as const;

/** A program header: one segment. */
export const PHDR = {
  p_type: 0,
  p_flags: 4,
  p_offset: 8,
  p_vaddr: 16,
  p_paddr: 24,
  p_filesz: 32,
  p_memsz: 40,
  p_align: 48,
} as const;

/** The types of segments that are looked at. */
export const PT = {
  LOAD: 1,
  DYNAMIC: 2,
  INTERP: 3,
  PHDR: 6,
  TLS: 7,
  GNU_RELRO: 0x6474e552,
} as const;

/** A section header. */
export const SHDR = { sh_name: 0, sh_type: 4, sh_addr: 16, sh_offset: 24, sh_size: 32, sh_link: 40 } as const;

/** A symbol. */
export const SYM = { st_name: 0, st_info: 4, st_shndx: 6, st_value: 8, st_size: 16 } as const;

/** An entry of the dynamic section. */
export const DYN = { d_tag: 0, d_val: 8 } as const;

/** A relocation; the two halves of `r_info` are apart. */
export const RELA = { r_offset: 0, r_type: 8, r_symbol: 12, r_addend: 16 } as const;

/** The table of DT_HASH. */
export const HASH = { nbucket: 0, nchain: 4 } as const;

/** The bytes of an ELF header; the sizes of the other structures follow. */
export const EHDR_BYTES = 64;
export const PHDR_BYTES = 56;
export const SHDR_BYTES = 64;
export const SYM_BYTES = 24;
export const DYN_BYTES = 16;
export const RELA_BYTES = 24;
/** The bytes of an address. */
export const ADDRESS_BYTES = 8;
