"""File names of the public pydicom-data collection, to tell a missing sample from a mistyped name."""

from __future__ import annotations

# fmt: off
COLLECTION = (
    "693_J2KR.dcm", "693_UNCI.dcm", "693_UNCR.dcm", "bad_sequence.dcm", "color-pl.dcm", "color-px.dcm",
    "color3d_jpeg_baseline.dcm", "eCT_Supplemental.dcm", "emri_small.dcm", "emri_small_big_endian.dcm",
    "emri_small_jpeg_2k_lossless.dcm", "emri_small_jpeg_2k_lossless_too_short.dcm",
    "emri_small_jpeg_ls_lossless.dcm", "emri_small_RLE.dcm", "explicit_VR-UN.dcm", "gdcm-US-ALOKA-16.dcm",
    "gdcm-US-ALOKA-16_big.dcm", "HTJ2K_08_RGB.dcm", "HTJ2KLossless_08_RGB.dcm", "JLSL_08_07_0_1F.dcm",
    "JLSL_16_15_1_1F.dcm", "JLSL_RGB_ILV0.dcm", "JLSL_RGB_ILV1.dcm", "JLSL_RGB_ILV2.dcm",
    "JLSN_RGB_ILV0.dcm", "JPEG-LL.dcm", "JPEG2000_UNC.dcm", "JPGLosslessP14SV1_1s_1f_8b.dcm", "liver.dcm",
    "liver_expb.dcm", "liver_nonbyte_aligned.dcm", "mlut_18.dcm", "MR-SIEMENS-DICOM-WithOverlays.dcm",
    "MR2_J2KI.dcm", "MR2_J2KR.dcm", "MR2_UNCI.dcm", "MR2_UNCR.dcm", "OBXXXX1A.dcm", "OBXXXX1A_2frame.dcm",
    "OBXXXX1A_expb.dcm", "OBXXXX1A_expb_2frame.dcm", "OBXXXX1A_rle.dcm", "OBXXXX1A_rle_2frame.dcm",
    "OT-PAL-8-face.dcm", "parametric_map_double_float.dcm", "parametric_map_float.dcm", "RG1_J2KI.dcm",
    "RG1_J2KR.dcm", "RG1_UNCI.dcm", "RG1_UNCR.dcm", "RG3_J2KI.dcm", "RG3_J2KR.dcm", "RG3_UNCI.dcm",
    "RG3_UNCR.dcm", "SC_rgb.dcm", "SC_rgb_16bit.dcm", "SC_rgb_16bit_2frame.dcm", "SC_rgb_2frame.dcm",
    "SC_rgb_32bit.dcm", "SC_rgb_32bit_2frame.dcm", "SC_rgb_dcmtk_ebcr_dcmd.dcm",
    "SC_rgb_dcmtk_ebcyn1_dcmd.dcm", "SC_rgb_dcmtk_ebcyn2_dcmd.dcm", "SC_rgb_dcmtk_ebcynp_dcmd.dcm",
    "SC_rgb_dcmtk_ebcys2_dcmd.dcm", "SC_rgb_dcmtk_ebcys4_dcmd.dcm", "SC_rgb_expb.dcm",
    "SC_rgb_expb_16bit.dcm", "SC_rgb_expb_16bit_2frame.dcm", "SC_rgb_expb_2frame.dcm",
    "SC_rgb_expb_32bit.dcm", "SC_rgb_expb_32bit_2frame.dcm", "SC_rgb_gdcm2k_uncompressed.dcm",
    "SC_ybr_full_uncompressed.dcm", "US1_J2KI.dcm", "US1_J2KR.dcm", "US1_UNCI.dcm", "US1_UNCR.dcm",
    "vlut_04.dcm",
)
